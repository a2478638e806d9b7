"""Secret managers, one file each, imported when used; none knows another."""
