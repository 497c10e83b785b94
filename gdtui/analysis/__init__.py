"""What the numbers mean: planes, grids and expectations."""
