"""What several test suites need: real servers on free loopback ports, a fake broker, makers of messages."""
