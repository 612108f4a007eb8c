// StoragePostgres: see Docs/architecture.md.
