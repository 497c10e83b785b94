"""Numbers to grids of cells: sheets, rasters, iso-lines, ticks and colours. Knows nothing of races or widgets."""
