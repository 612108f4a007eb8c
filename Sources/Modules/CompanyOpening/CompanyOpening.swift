// CompanyOpening: see Docs/architecture.md.
