"""What an export looks like, and the client.yaml that reads it."""
