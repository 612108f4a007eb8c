// CompanyNames: see Docs/architecture.md.
