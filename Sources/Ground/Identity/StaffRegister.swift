import Audit
public import Kernel
public import Standards
public import Storage

/// Members of staff, their posts, and who decides what on which date.
public enum StaffRegister {
    @discardableResult
    public static func add(name: String, occasion: Occasion, in tx: any Transaction) throws -> Staff {
        let staff = Staff(id: occasion.newID(), name: name, version: 1)
        try StaffStore.insert(staff, in: tx)
        try AuditLog.append("staff.added", object: "staff:\(staff.id)", occasion: occasion, in: tx)
        return staff
    }

    /// A new member of staff with one post from today on and an account under `login`.
    /// - Parameters:
    ///   - record: of his password.
    ///   - basis: the appointment, such as a document number.
    @discardableResult
    public static func open(
        _ login: String,
        name: String,
        record: String,
        role: StaffRole,
        agency: Agency,
        region: Region,
        basis: String,
        keys: IdentityKeys,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Account {
        let staff = try add(name: name, occasion: occasion, in: tx)
        try appoint(
            staff.id,
            agency: agency,
            region: region,
            role: role,
            from: occasion.now.date,
            basis: basis,
            occasion: occasion,
            in: tx
        )
        return try Accounts.open(
            .staff,
            holder: staff.id.rawValue,
            logins: [.name(login)],
            record: record,
            keys: keys,
            occasion: occasion,
            in: tx
        )
    }

    public static func find(_ id: ID<Staff>, in reader: any Reader) throws -> Staff? {
        try StaffStore.find(id, in: reader)
    }

    /// Gives a post. Nobody appoints himself, and no one holds two of the three administrations at a time.
    /// - Parameters:
    ///   - agency: an agency of the table that is one body, not a group of them.
    ///   - until: last day; nil for an open end.
    ///   - basis: the appointment, such as a document number.
    @discardableResult
    public static func appoint(
        _ staff: ID<Staff>,
        agency: Agency,
        region: Region,
        role: StaffRole,
        from: LocalDate,
        until: LocalDate? = nil,
        basis: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Post {
        guard occasion.actor.id != staff.rawValue else { throw IdentityError.ownRights }
        guard !agency.isCollective else { throw IdentityError.collectiveAgency(agency.code) }
        if let until, until < from { throw IdentityError.badPeriod }
        guard try StaffStore.lock(staff, in: tx) else { throw IdentityError.unknownStaff }
        let post = Post(
            id: occasion.newID(),
            staff: staff,
            agency: agency.code,
            region: region.code,
            role: role,
            from: from,
            until: until,
            basis: basis
        )
        if role.isAdministration {
            for other in try StaffStore.posts(of: staff, in: tx)
            where other.role.isAdministration && other.role != role && overlap(other, post) {
                throw IdentityError.rolesExclude(first: other.role.rawValue, second: role.rawValue)
            }
        }
        try StaffStore.insert(post, in: tx)
        try AuditLog.append(
            "post.given",
            object: "post:\(post.id)",
            after: [
                "staff": .string(staff.rawValue), "agency": .string(agency.code),
                "region": .string(region.code),
                "role": .string(role.rawValue), "from": .string(from.description),
                "until": JSON(until?.description),
            ],
            occasion: occasion,
            in: tx
        )
        return post
    }

    /// Ends a post with the end of a day. Sessions in it end with their next request.
    public static func endPost(
        _ id: ID<Post>,
        on day: LocalDate,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let post = try StaffStore.post(id, in: tx) else { throw IdentityError.noPost }
        guard occasion.actor.id != post.staff.rawValue else { throw IdentityError.ownRights }
        guard try StaffStore.end(id, on: day, in: tx) else { throw IdentityError.badPeriod }
        try AuditLog.append(
            "post.ended",
            object: "post:\(id)",
            after: ["until": .string(day.description)],
            occasion: occasion,
            in: tx
        )
    }

    /// All posts of a member, also past and future ones.
    public static func posts(of staff: ID<Staff>, in reader: any Reader) throws -> [Post] {
        try StaffStore.posts(of: staff, in: reader)
    }

    /// Who holds a role in a body on a day; at most 500.
    public static func holders(
        of role: StaffRole,
        agency: String,
        region: String,
        on day: LocalDate,
        in reader: any Reader
    ) throws -> [Post] {
        try StaffStore.holders(agency: agency, region: region, role: role, on: day, in: reader)
    }

    /// Writes down a merger or delegation.
    @discardableResult
    public static func changeAuthority(
        _ kind: AuthorityChange.Kind,
        matter: String = "",
        agency: String,
        regionPrefix: String = "",
        toAgency: String,
        toRegion: String = "",
        from: LocalDate,
        until: LocalDate? = nil,
        basis: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> AuthorityChange {
        if let until, until < from { throw IdentityError.badPeriod }
        let same = try authority(in: tx).changes.first { other in
            other.kind == kind && other.matter == matter && other.agency == agency
                && other.regionPrefix == regionPrefix && other.toAgency == toAgency
                && other.toRegion == toRegion
                && other.until.map { $0 >= from } ?? true && until.map { $0 >= other.from } ?? true
        }
        if let same { throw IdentityError.authorityGiven(id: same.id) }
        let change = AuthorityChange(
            id: occasion.newID(AuthorityChange.self).rawValue,
            kind: kind,
            matter: matter,
            agency: agency,
            regionPrefix: regionPrefix,
            toAgency: toAgency,
            toRegion: toRegion,
            from: from,
            until: until,
            basis: basis
        )
        try StaffStore.insert(change, in: tx)
        try AuditLog.append(
            "authority.changed",
            object: "authority:\(change.id)",
            after: [
                "kind": .string(kind.rawValue), "matter": .string(matter), "agency": .string(agency),
                "to": .string(toAgency), "from": .string(from.description), "basis": .string(basis),
            ],
            occasion: occasion,
            in: tx
        )
        return change
    }

    /// Takes a delegation back: `day` is its last day.
    public static func endAuthorityChange(
        _ id: String,
        on day: LocalDate,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard try StaffStore.endChange(id, on: day, in: tx) else { throw IdentityError.badPeriod }
        try AuditLog.append(
            "authority.ended",
            object: "authority:\(id)",
            after: ["until": .string(day.description)],
            occasion: occasion,
            in: tx
        )
    }

    /// All changes; the table answers who decides on a date.
    public static func authority(in reader: any Reader) throws -> AuthorityTable {
        AuthorityTable(changes: try StaffStore.changes(in: reader))
    }

    private static func overlap(_ left: Post, _ right: Post) -> Bool {
        let leftEndsBefore = left.until.map { $0 < right.from } ?? false
        let rightEndsBefore = right.until.map { $0 < left.from } ?? false
        return !leftEndsBefore && !rightEndsBefore
    }
}
