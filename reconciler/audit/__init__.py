"""What stands at the vendors, managed or not, and what is worth a look about it: an inventory, and rules over it."""
