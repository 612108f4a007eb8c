// Cryptography: see Docs/architecture.md.
