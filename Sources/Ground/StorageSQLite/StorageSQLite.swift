// StorageSQLite: see Docs/architecture.md.
