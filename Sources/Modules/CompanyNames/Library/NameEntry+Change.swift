import Audit
import Jobs
import Kernel
import Storage

extension NameEntry {
    /// The entry with some parts changed.
    func with(
        state: NameState? = nil,
        owner: String?? = nil,
        enterprise: String?? = nil,
        holder: String?? = nil,
        end: NameTerms.End?? = nil
    ) -> NameEntry {
        NameEntry(
            id: id,
            key: key,
            parts: parts,
            text: text,
            subject: subject,
            region: region,
            state: state ?? self.state,
            owner: owner ?? self.owner,
            enterprise: enterprise ?? self.enterprise,
            holder: holder ?? self.holder,
            since: since,
            until: end.map { $0?.until } ?? until,
            isProvisional: end.map { $0?.isProvisional ?? false } ?? isProvisional,
            findings: findings,
            version: version
        )
    }

    var object: String { "company-name:\(id)" }

    var facts: JSON {
        var facts: JSON = [
            "state": .string(state.rawValue), "scope": .string(key.scope), "brand": .string(key.brand),
            "industry_class": .string(key.industryClass), "name": .string(text),
        ]
        if let owner { facts["owner"] = .string(owner) }
        if let enterprise { facts["enterprise"] = .string(enterprise) }
        if let holder { facts["holder"] = .string(holder) }
        if let until { facts["until"] = .string(until.description) }
        return facts
    }
}

/// One change of an entry: the row, the log, the event and the timers, together.
enum NameChange {
    static func added(
        _ entry: NameEntry,
        act: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws {
        try AuditLog.append(
            "company-name.\(act)",
            object: entry.object,
            after: entry.facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "company-name.\(act)",
            object: entry.object,
            payload: entry.facts,
            occasion: occasion,
            in: tx
        )
    }

    @discardableResult
    static func apply(
        _ changed: NameEntry,
        before: NameEntry,
        termMonths: Int,
        act: String,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> NameEntry {
        try NameStore.update(changed, termMonths: termMonths, in: tx)
        try AuditLog.append(
            "company-name.\(act)",
            object: changed.object,
            before: before.facts,
            after: changed.facts,
            occasion: occasion,
            in: tx
        )
        try Outbox.emit(
            "company-name.\(act)",
            object: changed.object,
            payload: changed.facts,
            occasion: occasion,
            in: tx
        )
        return changed.reread
    }
}

extension NameEntry {
    /// As it stands in the table after an update.
    fileprivate var reread: NameEntry {
        NameEntry(
            id: id,
            key: key,
            parts: parts,
            text: text,
            subject: subject,
            region: region,
            state: state,
            owner: owner,
            enterprise: enterprise,
            holder: holder,
            since: since,
            until: until,
            isProvisional: isProvisional,
            findings: findings,
            version: version + 1
        )
    }
}
