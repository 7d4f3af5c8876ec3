"""In-memory stand-ins for every port: what users test with. Each passes its port's contract suite."""
