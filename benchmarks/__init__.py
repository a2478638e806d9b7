"""Speed against the limits that the project has set itself: `make bench`. No tests, so a slow day fails no build."""
