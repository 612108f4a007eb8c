import Cases
import Identity
import Kernel
import Storage

/// What members of staff have claimed and can no longer decide goes back to the pool: the days of the law run on.
struct Claims: Sendable {
    let permissions: PermissionTable
    let agencies: DecidingAgencies

    /// Of everybody.
    /// - Returns: how many steps were given back.
    func freeAll(occasion: Occasion, in tx: any Transaction) throws -> Int {
        try CaseDesk.assignees(in: tx).reduce(0) { count, assignee in
            try count + free(ID(assignee), occasion: occasion, in: tx)
        }
    }

    /// Of one: everything when his account is shut, else what none of his posts of the day reaches.
    @discardableResult
    func free(_ staff: ID<Staff>, occasion: Occasion, in tx: any Transaction) throws -> Int {
        let posts = try posts(of: staff, on: occasion.now.date, in: tx)
        return try CaseDesk.freeClaims(
            of: staff.rawValue,
            unless: { claimed in posts.contains { mayDecide(claimed, in: $0) } },
            occasion: occasion,
            in: tx
        )
    }

    /// Whether a member of staff may decide a case on a day.
    func mayDecide(_ subject: Case, _ staff: ID<Staff>, on date: LocalDate, in reader: any Reader) throws
        -> Bool
    {
        try posts(of: staff, on: date, in: reader).contains { mayDecide(subject, in: $0) }
    }

    /// The posts in force on a day; none of an account that is shut.
    private func posts(of staff: ID<Staff>, on date: LocalDate, in reader: any Reader) throws -> [Post] {
        let account = try Accounts.find(.staff, holder: staff.rawValue, in: reader)
        guard let account, account.disabledAt == nil else { return [] }
        return try StaffRegister.posts(of: staff, in: reader).filter { $0.isInForce(on: date) }
    }

    private func mayDecide(_ subject: Case, in post: Post) -> Bool {
        let thing = PermissionSubject(agency: agencies.agency(of: subject), region: subject.region)
        let scope = try? permissions.scope("case.decide", of: .staff(post.staff, post: post))
        return scope?.covers(thing) ?? false
    }
}
