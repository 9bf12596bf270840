"""One module per contender. Its `BUILD` holds, for every problem, a function that makes the network and its step."""
