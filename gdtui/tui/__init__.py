"""The Textual app: one file a screen, one file a pane."""
