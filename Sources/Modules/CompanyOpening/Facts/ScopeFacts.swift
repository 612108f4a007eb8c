import CompanyNames
import Kernel

/// What R09 sees: are all phrases in the catalogue, and are approvals that must come first there.
enum ScopeFacts {
    static func facts(of form: CompanyForm, book: ReferenceBook, today: LocalDate, approvalDays: Int) -> JSON
    {
        let rows = form.scope.map { ($0, book.phrase($0, on: today)) }
        let before = rows.compactMap { code, row -> JSON? in
            guard let row, row["permit_timing"] == "before" else { return nil }
            return [
                "code": .string(code), "text": .string(row["text_zh"]), "permit": .string(row["permit_item"]),
                "department": .string(row["department_name"]),
                "approval": .string(approval(for: code, in: form, today: today, days: approvalDays)),
            ]
        }
        let free = !form.freeScope.isEmpty
        return [
            "count": JSON(form.scope.count), "free": .bool(free),
            "unknown": .array(rows.filter { $0.1 == nil }.map { .string($0.0) }), "before": .array(before),
        ]
    }

    /// An approval without a term is good for a number of days after it was given (Rules, article 22).
    private static func approval(for code: String, in form: CompanyForm, today: LocalDate, days: Int)
        -> String
    {
        guard
            let approval = form.data["approvals"].elements.first(where: {
                $0["phrase"].text?.uppercased() == code.uppercased()
            })
        else {
            return "missing"
        }
        guard approval["number"].text != nil, approval["agency"].text != nil,
            let from = approval["from"].text.flatMap({ LocalDate(parsing: $0) })
        else { return "unreadable" }
        let until = approval["until"].text.flatMap { LocalDate(parsing: $0) } ?? from.adding(days: days)
        guard from <= today else { return "unreadable" }
        return until >= today ? "valid" : "expired"
    }

    /// The scope as the licence prints it: general items, then permits with the standard sentence.
    /// - Parameter free: words beside the catalogue; they stand with the general items.
    static func text(of form: CompanyForm, free: [String], book: ReferenceBook, on date: LocalDate) -> String
    {
        let rows = form.scope.compactMap { book.phrase($0, on: date) }
        let general = rows.filter { $0["kind"] == "general" }.map { $0["text_zh"] } + free
        let permits = rows.filter { $0["kind"] == "permit" }.map { $0["text_zh"] }
        var parts: [String] = []
        if !general.isEmpty {
            parts.append("一般项目：\(general.joined(separator: "；"))。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）")
        }
        if !permits.isEmpty {
            parts.append(
                "许可项目：\(permits.joined(separator: "；"))。（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以相关部门批准文件或许可证件为准）"
            )
        }
        return parts.joined()
    }

    /// Permits that must follow the registration, by department (双告知).
    static func permitsAfter(_ form: CompanyForm, book: ReferenceBook, on date: LocalDate) -> [String:
        [ReferenceRow]]
    {
        let rows = form.scope.compactMap { book.phrase($0, on: date) }.filter {
            $0["permit_timing"] == "after"
        }
        return Dictionary(grouping: rows) { $0["department_name"] }
    }
}
