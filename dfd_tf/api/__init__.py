"""What `dfd_tf` offers to Python and `dfd` to the command line: one function a file, as named."""
