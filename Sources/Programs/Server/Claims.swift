import Cases
import Identity
import Kernel
import Storage

/// What members of staff have claimed and can no longer decide goes back to the pool: the days of the law run on.
struct Claims: Sendable {
    let permissions: PermissionTable
    /// Code in `agencies.tsv` of the authority that registers.
    let authority: String

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
        let account = try Accounts.find(.staff, holder: staff.rawValue, in: tx)
        let isShut = account.map { $0.disabledAt != nil } ?? true
        let posts = isShut ? [] : try StaffRegister.posts(of: staff, in: tx)
        let today = occasion.now.date
        return try CaseDesk.freeClaims(
            of: staff.rawValue,
            unless: { claimed in
                posts.contains { $0.isInForce(on: today) && mayDecide(claimed, in: $0) }
            },
            occasion: occasion,
            in: tx
        )
    }

    private func mayDecide(_ claimed: Case, in post: Post) -> Bool {
        let subject = PermissionSubject(agency: authority, region: claimed.region)
        let scope = try? permissions.scope("case.decide", of: .staff(post.staff, post: post))
        return scope?.covers(subject) ?? false
    }
}
