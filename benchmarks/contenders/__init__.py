"""One module per contender. Its `BUILD` has a row per problem: a call that makes the net and returns its step."""
