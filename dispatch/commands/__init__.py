"""What `dispatch COMMAND` does: one module a command, each with add_to(subparsers) and run(options)."""
