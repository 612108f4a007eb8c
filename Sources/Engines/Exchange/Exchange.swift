// Exchange: see Docs/architecture.md.
