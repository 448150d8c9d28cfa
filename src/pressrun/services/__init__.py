"""Outside services: one file per service, one Protocol per kind, one registry per kind."""
