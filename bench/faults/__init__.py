"""The promises, proven by force: a module per promise, each a function of a size that returns figures."""
