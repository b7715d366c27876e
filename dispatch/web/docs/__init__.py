"""The contract as pages for a firm's programmers: made on the server from the document itself, without any script."""
