"""What the files may make whsync do with credentials, commands and other files. Used by `cli`."""
