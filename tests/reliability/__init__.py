"""The promises of docs/reliability.md: short forms in `make test`, long forms in `make soak`."""
