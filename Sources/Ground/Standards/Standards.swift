// Standards: see Docs/architecture.md.
