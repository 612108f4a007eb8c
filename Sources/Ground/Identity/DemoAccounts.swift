public import Kernel
public import Standards
public import Storage

/// The accounts of a demonstration, from `demo-accounts.tsv`. Never opened unless the server is told to.
public enum DemoAccounts {
    public struct Line: Hashable, Sendable {
        public let login: String
        public let kind: Account.Kind
        public let name: String
        public let documentKind: String
        public let document: String
        public let phone: String
        public let level: String
        public let agentNumber: String
        public let agency: String
        public let region: String
        public let role: String
        public let password: String
    }

    public static func read(home: Home) throws(StandardsError) -> [Line] {
        let table = try TabTable(
            "demo-accounts.tsv",
            home: home,
            columns: [
                "login", "kind", "name", "document_kind", "document", "phone", "level", "agent_number",
                "agency",
                "region", "role", "password",
            ]
        )
        return try table.map { (row: TabRow) throws(StandardsError) -> Line in
            guard let kind = Account.Kind(rawValue: row.text("kind")) else {
                throw row.bad("kind is person or staff")
            }
            return Line(
                login: row.text("login"),
                kind: kind,
                name: row.text("name"),
                documentKind: row.text("document_kind"),
                document: row.text("document"),
                phone: row.text("phone"),
                level: row.text("level"),
                agentNumber: row.text("agent_number"),
                agency: row.text("agency"),
                region: row.text("region"),
                role: row.text("role"),
                password: row.text("password")
            )
        }
    }

    /// Opens those that are not there yet, each in a write of its own.
    /// - Returns: all lines, so that the server can print them.
    @discardableResult
    public static func open(
        home: Home,
        standards: Standards,
        settings: IdentitySettings,
        occasion: Occasion,
        database: any Database
    ) async throws -> [Line] {
        let lines = try read(home: home)
        for line in lines {
            let isThere = try await database.read { reader in
                try Accounts.find(login: .name(line.login), keys: settings.keys, in: reader) != nil
            }
            if isThere { continue }
            let record = try await Passwords.record(
                for: line.password,
                settings: settings,
                occasion: occasion
            )
            try await database.write { tx in
                switch line.kind {
                case .person: try person(line, record, standards, settings, occasion, tx)
                case .staff: try staff(line, record, standards, settings, occasion, tx)
                }
            }
        }
        return lines
    }

    private static func person(
        _ line: Line,
        _ record: String,
        _ standards: Standards,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        let document = try standards.identityDocument(
            kind: line.documentKind,
            number: line.document,
            on: occasion.now.date
        )
        let phone = try PhoneNumber.mobile(line.phone)
        let person = try People.register(
            name: PersonName(line.name),
            document: document,
            phone: phone,
            keys: settings.keys,
            occasion: occasion,
            in: tx
        )
        if let level = RealNameLevel(rawValue: line.level), level > .declared {
            try People.verified(
                person.id,
                as: level,
                score: level == .face ? 990 : nil,
                reference: "demo",
                occasion: occasion,
                in: tx
            )
        }
        if !line.agentNumber.isEmpty {
            try Agents.declare(
                person.id,
                kind: .person,
                enterprise: nil,
                registerNumber: line.agentNumber,
                from: occasion.now.date,
                until: nil,
                limits: settings.limits,
                occasion: occasion,
                in: tx
            )
        }
        try Accounts.open(
            .person,
            holder: person.id.rawValue,
            logins: [.name(line.login), .phone(phone.rawValue)],
            record: record,
            keys: settings.keys,
            occasion: occasion,
            in: tx
        )
    }

    private static func staff(
        _ line: Line,
        _ record: String,
        _ standards: Standards,
        _ settings: IdentitySettings,
        _ occasion: Occasion,
        _ tx: any Transaction
    ) throws {
        guard let agency = standards.agencies[line.agency], let region = standards.regions[line.region],
            let role = StaffRole(rawValue: line.role)
        else { throw IdentityError.noPost }
        try StaffRegister.open(
            line.login,
            name: line.name,
            record: record,
            role: role,
            agency: agency,
            region: region,
            basis: "demo",
            keys: settings.keys,
            occasion: occasion,
            in: tx
        )
    }
}
