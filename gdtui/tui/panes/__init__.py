"""The panes of the race screen, one file each. A pane shows what it is given, and tells what the user wants."""
