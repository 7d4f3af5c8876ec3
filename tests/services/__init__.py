"""Local servers of the wire protocols of services that cannot be had here, written from their public documents."""
