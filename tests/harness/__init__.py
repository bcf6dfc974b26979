"""What the tests stand on: a real Berth as a child process, real engines, and clients for what they serve."""
