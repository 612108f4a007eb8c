public import Storage

/// What credentials, their steps and their numbers must be, counted anew.
public enum CredentialRecounts {
    public static let all = [
        Recount(
            "credential.steps",
            all: "SELECT COUNT(*) FROM credential_step",
            wrong: """
                SELECT r.identifier FROM credential_record r
                LEFT JOIN credential_step s ON s.credential = r.id AND s.version = r.version
                WHERE s.state IS NULL OR s.state <> r.state
                    OR r.version <> (SELECT COUNT(*) FROM credential_step n WHERE n.credential = r.id)
                ORDER BY r.identifier LIMIT $1
                """
        ),
        // An identifier is `1.2.156.3005.2.` with a type of 21 characters, an issuer, year and ten digits of the serial,
        // version and check (GB/T 36904). A counter behind a number that was given would give it again.
        Recount(
            "credential.serials",
            all: "SELECT COUNT(*) FROM credential_record",
            wrong: """
                SELECT r.identifier FROM credential_record r
                LEFT JOIN credential_counter c ON c.scope = 'serial:' || substr(r.identifier, 16, 21) || ':'
                    || substr(r.identifier, 38, length(r.identifier) - 58) || ':'
                    || substr(r.identifier, length(r.identifier) - 19, 4)
                WHERE c.next IS NULL
                    OR CAST(substr(r.identifier, length(r.identifier) - 15, 10) AS BIGINT) >= c.next
                ORDER BY r.identifier LIMIT $1
                """
        ),
        Recount(
            "credential.seals",
            all: "SELECT COUNT(*) FROM credential_record WHERE seal_code IS NOT NULL",
            wrong: """
                SELECT r.seal_code FROM credential_record r
                LEFT JOIN credential_counter c ON c.scope = 'seal:' || substr(r.seal_code, 1, 6)
                WHERE r.seal_code IS NOT NULL AND (c.next IS NULL OR CAST(substr(r.seal_code, 7) AS BIGINT) >= c.next)
                ORDER BY r.seal_code LIMIT $1
                """
        ),
    ]
}
