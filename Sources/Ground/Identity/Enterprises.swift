import Audit
import Jobs
public import Kernel
public import Standards
public import Storage

/// Enterprises as actors, and those who may act for them.
public enum Enterprises {
    /// Takes over what the register decided, in the register's transaction.
    public static func put(
        code: String,
        name: String,
        state: EnterpriseState,
        legalRepresentative: ID<Person>?,
        region: String,
        agency: String,
        in tx: any Transaction
    ) throws {
        try EnterpriseStore.put(
            code: code,
            name: name,
            state: state,
            representative: legalRepresentative,
            region: region,
            agency: agency,
            in: tx
        )
    }

    /// Enters a newly registered enterprise with its legal representative by his identity document, so that he may
    /// act for it at once; when he is not known here yet, from the moment he makes himself known.
    /// - Parameters:
    ///   - state: as it stands in the register.
    ///   - representative: nil where the document cannot be read; then nobody is bound.
    /// - Returns: the representative, when he is known.
    @discardableResult
    public static func enter(
        code: String,
        name: String,
        state: EnterpriseState = .active,
        representative: IdentityDocument?,
        region: String,
        agency: String,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Person? {
        let key = representative.map { keys.lookup("document", $0.lookupText) }
        let known = try key.flatMap { try PersonStore.find(documentKey: $0, in: tx) }
        try EnterpriseStore.put(
            code: code,
            name: name,
            state: state,
            representative: known?.id,
            region: region,
            agency: agency,
            in: tx
        )
        try EnterpriseStore.setRepresentative(key: key, of: code, in: tx)
        try AuditLog.append(
            "enterprise.entered",
            object: "enterprise:\(code)",
            after: ["name": .string(name), "representative": JSON(known?.id.rawValue)],
            occasion: occasion,
            in: tx
        )
        return known
    }

    /// The legal representative appointed somebody in a signed application: what he may do, until when. Nothing
    /// happens when the person is not known here, or is the representative himself.
    public static func appoint(
        _ agent: ID<Person>,
        for code: String,
        scope: Set<String>,
        until: LocalDate,
        basis: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let enterprise = try EnterpriseStore.find(code, in: tx),
            enterprise.legalRepresentative != agent, !scope.isEmpty,
            try PersonStore.find(agent, in: tx) != nil
        else { return }
        let authorisation = Authorisation(
            id: occasion.newID(),
            enterprise: code,
            agent: agent,
            scope: scope,
            from: occasion.now.date,
            until: until,
            // A representative who is not known here is named by the papers that he signed.
            grantedBy: enterprise.legalRepresentative ?? ID(basis),
            revokedAt: nil
        )
        try EnterpriseStore.insert(authorisation, at: occasion.now, in: tx)
        try AuditLog.append(
            "authorisation.granted",
            object: "authorisation:\(authorisation.id)",
            after: [
                "enterprise": .string(code), "agent": .string(agent.rawValue),
                "scope": .array(scope.sorted().map { .string($0) }), "until": .string(until.description),
                "basis": .string(basis),
            ],
            occasion: occasion,
            in: tx
        )
    }

    /// The register moved the enterprise on: nobody acts for one that was withdrawn or cancelled.
    public static func move(
        _ code: String,
        to state: EnterpriseState,
        occasion: Occasion,
        in tx: any Transaction
    )
        throws
    {
        guard try EnterpriseStore.setState(state, of: code, in: tx) else { return }
        try AuditLog.append(
            "enterprise.moved",
            object: "enterprise:\(code)",
            after: ["state": .string(state.rawValue)],
            occasion: occasion,
            in: tx
        )
        try tell("enterprise.moved", "enterprise:\(code)", of: code, occasion: occasion, in: tx)
    }

    public static func rename(_ code: String, to name: String, in tx: any Transaction) throws {
        _ = try EnterpriseStore.setName(name, of: code, in: tx)
    }

    /// The entry of the legal representative was withdrawn as false: he no longer acts for the enterprise.
    public static func removeRepresentative(of code: String, occasion: Occasion, in tx: any Transaction)
        throws
    {
        try EnterpriseStore.clearRepresentative(of: code, in: tx)
        try AuditLog.append(
            "enterprise.representative-removed",
            object: "enterprise:\(code)",
            occasion: occasion,
            in: tx
        )
        try tell(
            "enterprise.representative-removed",
            "enterprise:\(code)",
            of: code,
            occasion: occasion,
            in: tx
        )
    }

    /// Others hear that somebody may act no longer: what rests on it ends with it.
    private static func tell(
        _ name: String,
        _ object: String,
        of code: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try Outbox.emit(
            name,
            object: object,
            payload: ["enterprise": .string(code)],
            occasion: occasion,
            in: tx
        )
    }

    public static func find(_ code: String, in reader: any Reader) throws -> Enterprise? {
        try EnterpriseStore.find(code, in: reader)
    }

    /// Enterprises that a person may act for on a day; at most 200.
    public static func actable(
        by person: ID<Person>,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [Enterprise] {
        try EnterpriseStore.actable(by: person, on: day, in: reader)
    }

    /// The right by which a person acts for an enterprise at a moment.
    /// - Returns: nil when he has none. Several authorisations in force add up.
    public static func acting(
        _ person: ID<Person>,
        for code: String,
        at now: Instant,
        in reader: any Reader
    ) throws -> ActingFor? {
        guard let enterprise = try EnterpriseStore.find(code, in: reader), enterprise.state.mayAct else {
            return nil
        }
        if enterprise.legalRepresentative == person {
            return ActingFor(
                enterprise: code,
                name: enterprise.name,
                isLegalRepresentative: true,
                scope: [],
                authorisation: nil
            )
        }
        let inForce = try EnterpriseStore.authorisations(of: person, for: code, in: reader)
            .filter { $0.isInForce(at: now) }
        guard let first = inForce.first else { return nil }
        return ActingFor(
            enterprise: code,
            name: enterprise.name,
            isLegalRepresentative: false,
            scope: inForce.reduce(into: Set()) { $0.formUnion($1.scope) },
            authorisation: first.id
        )
    }

    /// The legal representative lets somebody act.
    /// - Parameters:
    ///   - scope: operations that the permission table has for an enterprise's agent.
    ///   - until: last day, no more years away than the limit in force allows.
    @discardableResult
    public static func authorise(
        _ agent: ID<Person>,
        for code: String,
        scope: Set<String>,
        from: LocalDate,
        until: LocalDate,
        by representative: ID<Person>,
        table: PermissionTable,
        limits: IdentityLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Authorisation {
        guard let enterprise = try EnterpriseStore.find(code, in: tx) else {
            throw IdentityError.unknownEnterprise
        }
        guard enterprise.state.mayAct else {
            throw IdentityError.enterpriseNotActive(state: enterprise.state.rawValue)
        }
        guard enterprise.legalRepresentative == representative else {
            throw IdentityError.notLegalRepresentative
        }
        guard agent != representative else { throw IdentityError.representativeNeedsNone }
        guard try PersonStore.find(agent, in: tx) != nil else { throw IdentityError.unknownPerson }
        guard from <= until else { throw IdentityError.badPeriod }
        let years = try limits.value(.authorisationYearsMax, at: occasion.now)
        guard until <= from.adding(months: 12 * years) else {
            throw IdentityError.authorisationTooLong(years: years)
        }
        // Rights over rights stay with the representative: the table gives them to no agent.
        for operation in scope.sorted() where !table.isOfAgents(operation) {
            throw IdentityError.unknownOperation(operation)
        }
        guard !scope.isEmpty else { throw IdentityError.unknownOperation("") }
        let authorisation = Authorisation(
            id: occasion.newID(),
            enterprise: code,
            agent: agent,
            scope: scope,
            from: from,
            until: until,
            grantedBy: representative,
            revokedAt: nil
        )
        try EnterpriseStore.insert(authorisation, at: occasion.now, in: tx)
        try AuditLog.append(
            "authorisation.granted",
            object: "authorisation:\(authorisation.id)",
            after: [
                "enterprise": .string(code), "agent": .string(agent.rawValue),
                "scope": .array(scope.sorted().map { .string($0) }), "until": .string(until.description),
            ],
            occasion: occasion,
            in: tx
        )
        return authorisation
    }

    /// Takes an authorisation back at once. Sessions that act by it lose the enterprise with their next request.
    public static func revoke(
        _ id: ID<Authorisation>,
        by person: ID<Person>,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let authorisation = try EnterpriseStore.authorisation(id, in: tx),
            let enterprise = try EnterpriseStore.find(authorisation.enterprise, in: tx)
        else { throw IdentityError.authorisationOver }
        // The agent may lay it down himself.
        guard enterprise.legalRepresentative == person || authorisation.agent == person else {
            throw IdentityError.notLegalRepresentative
        }
        guard try EnterpriseStore.revoke(id, by: person.rawValue, at: occasion.now, in: tx) else {
            throw IdentityError.authorisationOver
        }
        try AuditLog.append(
            "authorisation.revoked",
            object: "authorisation:\(id)",
            occasion: occasion,
            in: tx
        )
        try tell(
            "authorisation.revoked",
            "authorisation:\(id)",
            of: authorisation.enterprise,
            occasion: occasion,
            in: tx
        )
    }

    /// At most 500, the newest first, also those that are over.
    public static func authorisations(of code: String, in reader: any Reader) throws -> [Authorisation] {
        try EnterpriseStore.authorisations(of: code, in: reader)
    }
}

/// Registration agents declared in the national register (代理办法; company-opening 1.1, R16).
public enum Agents {
    /// Takes over a declaration.
    /// - Throws: `agentTooYoung` when the person is known to be younger than the limit in force.
    @discardableResult
    public static func declare(
        _ person: ID<Person>,
        kind: DeclaredAgent.Kind,
        enterprise: String?,
        registerNumber: String,
        from: LocalDate,
        until: LocalDate?,
        limits: IdentityLimits,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DeclaredAgent {
        guard let known = try PersonStore.find(person, in: tx) else { throw IdentityError.unknownPerson }
        let years = try limits.value(.agentAgeMin, at: occasion.now)
        guard known.isAtLeast(years, on: occasion.now.date) != false else {
            throw IdentityError.agentTooYoung(years: years)
        }
        let agent = DeclaredAgent(
            id: occasion.newID(),
            kind: kind,
            person: person,
            enterprise: enterprise,
            registerNumber: registerNumber,
            from: from,
            until: until,
            withdrawnAt: nil
        )
        try EnterpriseStore.insert(agent, in: tx)
        try AuditLog.append(
            "agent.declared",
            object: "person:\(person)",
            after: ["number": .string(registerNumber), "firm": JSON(enterprise)],
            occasion: occasion,
            in: tx
        )
        return agent
    }

    /// The declaration of a person that is in force.
    public static func declaration(
        of person: ID<Person>,
        at now: Instant,
        in reader: any Reader
    ) throws -> DeclaredAgent? {
        try EnterpriseStore.agents(person, in: reader).first { $0.isInForce(at: now) }
    }

    /// Struck off the national register.
    public static func withdraw(registerNumber: String, occasion: Occasion, in tx: any Transaction) throws {
        guard try EnterpriseStore.withdrawAgent(number: registerNumber, at: occasion.now, in: tx) > 0 else {
            throw IdentityError.agentNotDeclared
        }
        try AuditLog.append("agent.withdrawn", object: "agent:\(registerNumber)", occasion: occasion, in: tx)
    }
}
