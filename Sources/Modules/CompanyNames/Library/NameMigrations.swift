public import Storage

/// The tables of the name library and of the reference data.
public enum CompanyNamesMigrations {
    public static let all: [Migration] = [
        Migration(
            "company-names",
            1,
            """
            CREATE TABLE reference_version (
                id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, effective TEXT NOT NULL, source TEXT NOT NULL,
                fingerprint TEXT NOT NULL, row_count BIGINT NOT NULL, imported_at BIGINT NOT NULL,
                imported_by TEXT NOT NULL)
            """,
            "CREATE INDEX reference_version_kind ON reference_version (kind, effective, imported_at)",
            """
            CREATE TABLE reference_row (
                version TEXT NOT NULL REFERENCES reference_version (id), position BIGINT NOT NULL,
                content TEXT NOT NULL, PRIMARY KEY (version, position))
            """
        ),
        Migration(
            "company-names",
            2,
            // One row is locked while a brand is claimed, so that claims of one brand stand in line.
            """
            CREATE TABLE company_name_claim (
                scope TEXT NOT NULL, brand TEXT NOT NULL, claimed_at BIGINT NOT NULL, PRIMARY KEY (scope, brand))
            """,
            """
            CREATE TABLE company_name_entry (
                id TEXT NOT NULL PRIMARY KEY, scope TEXT NOT NULL, brand TEXT NOT NULL,
                industry_class TEXT NOT NULL, kin TEXT NOT NULL, full_text TEXT NOT NULL, parts TEXT NOT NULL,
                subject TEXT NOT NULL, region TEXT NOT NULL, state TEXT NOT NULL, live BIGINT NOT NULL,
                blocks BIGINT NOT NULL, owner TEXT, enterprise TEXT, holder TEXT, since BIGINT NOT NULL,
                until BIGINT, term_months BIGINT NOT NULL, provisional BIGINT NOT NULL, findings TEXT NOT NULL,
                sound TEXT NOT NULL, other_sounds TEXT NOT NULL, version BIGINT NOT NULL)
            """,
            """
            CREATE UNIQUE INDEX company_name_live ON company_name_entry (scope, brand, industry_class, kin)
            WHERE live = 1
            """,
            """
            CREATE INDEX company_name_brand ON company_name_entry (brand, industry_class, scope) WHERE blocks = 1
            """,
            """
            CREATE INDEX company_name_sound ON company_name_entry (sound, industry_class, scope) WHERE blocks = 1
            """,
            "CREATE INDEX company_name_library ON company_name_entry (scope, brand) WHERE blocks = 1",
            "CREATE INDEX company_name_owner ON company_name_entry (owner) WHERE owner IS NOT NULL",
            "CREATE INDEX company_name_enterprise ON company_name_entry (enterprise) WHERE enterprise IS NOT NULL",
            // Parts of brands, brands with one character left out, other readings of a character: every look-up for
            // near names is an exact one, so that no planner can choose a walk through a whole trade.
            """
            CREATE TABLE company_name_key (
                name_key TEXT NOT NULL, industry_class TEXT NOT NULL, entry TEXT NOT NULL,
                PRIMARY KEY (name_key, industry_class, entry))
            """
        ),
    ]
}
