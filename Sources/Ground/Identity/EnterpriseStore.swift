import Kernel
import Storage

/// Enterprises, who may act for them, and declared agents.
enum EnterpriseStore {
    static func put(
        code: String,
        name: String,
        state: EnterpriseState,
        representative: ID<Person>?,
        region: String,
        agency: String,
        in tx: any Transaction
    ) throws {
        try tx.send(
            """
            INSERT INTO identity_enterprise (code, name, state, legal_representative, region, agency, version)
            VALUES ($1, $2, $3, $4, $5, $6, 1)
            ON CONFLICT (code) DO UPDATE SET name = $2, state = $3, legal_representative = $4, region = $5, agency = $6,
                version = identity_enterprise.version + 1
            """,
            code,
            name,
            state.rawValue,
            representative,
            region,
            agency
        )
    }

    /// Whose document makes somebody the representative, known here or not.
    static func setRepresentative(key: [UInt8]?, of code: String, in tx: any Transaction) throws {
        try tx.execute(
            "UPDATE identity_enterprise SET representative_key = $2 WHERE code = $1",
            code,
            key
        )
    }

    static func setState(_ state: EnterpriseState, of code: String, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_enterprise SET state = $2, version = version + 1 WHERE code = $1",
            code,
            state.rawValue
        ) == 1
    }

    static func setName(_ name: String, of code: String, in tx: any Transaction) throws -> Bool {
        try tx.execute(
            "UPDATE identity_enterprise SET name = $2, version = version + 1 WHERE code = $1",
            code,
            name
        ) == 1
    }

    static func clearRepresentative(of code: String, in tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE identity_enterprise SET legal_representative = NULL, representative_key = NULL,
                version = version + 1
            WHERE code = $1
            """,
            code
        )
    }

    /// Enterprises that waited for this person get him as their representative.
    static func bind(_ person: ID<Person>, key: [UInt8], in tx: any Transaction) throws {
        try tx.execute(
            """
            UPDATE identity_enterprise SET legal_representative = $2, version = version + 1
            WHERE representative_key = $1 AND legal_representative IS NULL
            """,
            key,
            person
        )
    }

    static func find(_ code: String, in reader: any Reader) throws -> Enterprise? {
        try reader.first(
            """
            SELECT code, name, state, legal_representative, region, agency, version FROM identity_enterprise
            WHERE code = $1
            """,
            code
        ).map(enterprise)
    }

    /// Those a person may act for today, as representative or by an authorisation in force.
    static func actable(by person: ID<Person>, on day: LocalDate, in reader: any Reader) throws
        -> [Enterprise]
    {
        try reader.query(
            """
            SELECT code, name, state, legal_representative, region, agency, version FROM identity_enterprise
            WHERE state IN ('active', 'dormant') AND (legal_representative = $1 OR code IN (
                SELECT enterprise FROM identity_authorisation
                WHERE agent = $1 AND revoked IS NULL AND from_day <= $2 AND until_day >= $2))
            ORDER BY code LIMIT 200
            """,
            person,
            day
        ).map(enterprise)
    }

    static func insert(_ authorisation: Authorisation, at: Instant, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_authorisation (id, enterprise, agent, scope, from_day, until_day, granted_by, granted)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            authorisation.id,
            authorisation.enterprise,
            authorisation.agent,
            scopeText(authorisation.scope),
            authorisation.from,
            authorisation.until,
            authorisation.grantedBy,
            at
        )
    }

    /// - Returns: false when it was revoked already.
    static func revoke(_ id: ID<Authorisation>, by: String, at: Instant, in tx: any Transaction) throws
        -> Bool
    {
        try tx.execute(
            "UPDATE identity_authorisation SET revoked = $1, revoked_by = $2 WHERE id = $3 AND revoked IS NULL",
            at,
            by,
            id
        ) == 1
    }

    static func authorisation(_ id: ID<Authorisation>, in reader: any Reader) throws -> Authorisation? {
        try reader.first(
            """
            SELECT id, enterprise, agent, scope, from_day, until_day, granted_by, revoked FROM identity_authorisation
            WHERE id = $1
            """,
            id
        ).map(authorisation)
    }

    static func authorisations(of enterprise: String, in reader: any Reader) throws -> [Authorisation] {
        try reader.query(
            """
            SELECT id, enterprise, agent, scope, from_day, until_day, granted_by, revoked FROM identity_authorisation
            WHERE enterprise = $1 ORDER BY granted DESC, id LIMIT 500
            """,
            enterprise
        ).map(authorisation)
    }

    static func authorisations(
        of agent: ID<Person>,
        for enterprise: String,
        in reader: any Reader
    ) throws -> [Authorisation] {
        try reader.query(
            """
            SELECT id, enterprise, agent, scope, from_day, until_day, granted_by, revoked FROM identity_authorisation
            WHERE agent = $1 AND enterprise = $2 AND revoked IS NULL ORDER BY granted DESC, id LIMIT 100
            """,
            agent,
            enterprise
        ).map(authorisation)
    }

    static func insert(_ agent: DeclaredAgent, in tx: any Transaction) throws {
        try tx.send(
            """
            INSERT INTO identity_agent (id, kind, person, enterprise, register_number, from_day, until_day)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (register_number, person) DO UPDATE SET until_day = $7, withdrawn = NULL
            """,
            agent.id,
            agent.kind.rawValue,
            agent.person,
            agent.enterprise,
            agent.registerNumber,
            agent.from,
            agent.until
        )
    }

    static func withdrawAgent(number: String, at: Instant, in tx: any Transaction) throws -> Int {
        try tx.execute(
            "UPDATE identity_agent SET withdrawn = $1 WHERE register_number = $2 AND withdrawn IS NULL",
            at,
            number
        )
    }

    static func agents(_ person: ID<Person>, in reader: any Reader) throws -> [DeclaredAgent] {
        try reader.query(
            """
            SELECT id, kind, person, enterprise, register_number, from_day, until_day, withdrawn FROM identity_agent
            WHERE person = $1 ORDER BY from_day, id LIMIT 50
            """,
            person
        ).map { row in
            DeclaredAgent(
                id: try row.id(0),
                kind: try row.value(1),
                person: try row.id(2),
                enterprise: try row.optionalText(3),
                registerNumber: try row.text(4),
                from: try row.date(5),
                until: try row.optionalDate(6),
                withdrawnAt: try row.optionalInstant(7)
            )
        }
    }

    static func scopeText(_ scope: Set<String>) -> String { scope.sorted().joined(separator: " ") }

    static func scope(_ text: String) -> Set<String> { Set(text.split(separator: " ").map(String.init)) }

    private static func enterprise(_ row: Row) throws -> Enterprise {
        Enterprise(
            code: try row.text(0),
            name: try row.text(1),
            state: try row.value(2),
            legalRepresentative: try row.optionalText(3).map { ID($0) },
            region: try row.text(4),
            agency: try row.text(5),
            version: try row.int(6)
        )
    }

    private static func authorisation(_ row: Row) throws -> Authorisation {
        Authorisation(
            id: try row.id(0),
            enterprise: try row.text(1),
            agent: try row.id(2),
            scope: scope(try row.text(3)),
            from: try row.date(4),
            until: try row.date(5),
            grantedBy: try row.id(6),
            revokedAt: try row.optionalInstant(7)
        )
    }
}
