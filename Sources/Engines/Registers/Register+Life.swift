import Audit
import Jobs
public import Kernel
public import Storage

/// What the register carries in later years, on the entry that the opening wrote.
extension Register {
    /// 迁移: another authority keeps the entry from now on. The credit code stays (GB 32100: a code is for life), the
    /// history goes along.
    /// - Parameter changes: the items that the move changes, such as the address.
    @discardableResult
    public static func move(
        _ code: String,
        to region: String,
        agency: String,
        changes: JSON,
        caseID: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> RegisterSubject {
        var subject = try RegisterStore.lock(code, in: tx)
        subject.region = region
        subject.agency = agency
        try RegisterStore.update(subject, at: occasion.now, in: tx)
        return try act(
            .change,
            on: code,
            changes: changes,
            caseID: caseID,
            occasion: occasion,
            in: tx
        )
    }

    /// 年报: what the enterprise reports of a year is public at once and for good; a later report of the same year
    /// stands beside it (Regulations on the Publication of Enterprise Information, articles 8 and 12).
    /// - Throws: `RegisterError.notFound`.
    public static func report(
        _ code: String,
        year: Int,
        content: JSON,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        guard let subject = try RegisterStore.find(code, in: tx) else { throw RegisterError.notFound }
        var words = content
        words["year"] = JSON(year)
        try PublicationStore.insert(
            Publication(
                id: occasion.newID(),
                register: subject.register,
                code: code,
                what: "annual-report",
                content: words,
                arisenAt: occasion.now,
                dueOn: nil,
                publishedAt: occasion.now
            ),
            in: tx
        )
        let entry = try AuditLog.append(
            "register.report",
            object: subject.object,
            after: words,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "register.report",
            object: subject.object,
            payload: ["code": .string(code), "year": JSON(year)],
            feed: FeedPlace(entry.id, region: subject.region),
            occasion: occasion,
            in: tx
        )
    }
}
