/// Takes a whole name apart: division first or in brackets, the form at the end, trade words before it, and what
/// is left is the brand. Where several readings are possible the longest known words win; the applicant sees the
/// parts and may set them himself.
struct NameParser {
    let text: String
    let subject: NameSubject
    let rules: NameRules

    func parts() throws(NameError) -> NameParts {
        guard !text.isEmpty else { throw .unreadable(.empty, at: 0) }
        var rest = Array(text)
        guard let form = form(of: rest) else { throw .unreadable(.form, at: rest.count - 1) }
        rest.removeLast(form.count)
        if let brackets = try brackets(in: rest) {
            let division = String(rest[brackets.inner])
            let before = Array(rest[..<brackets.outer.lowerBound])
            let after = Array(rest[brackets.outer.upperBound...])
            return try bracketed(division, before: before, after: after, form: form)
        }
        var division = rules.divisions.prefix(of: rest, keeping: 2) ?? ""
        if let alone = rules.divisions[division], alone.isAlone, rest.count - division.count < 2 {
            division = ""
        }
        rest.removeFirst(division.count)
        let (brand, trade) = try split(rest, offset: division.count)
        return NameParts(division: division, brand: brand, trade: trade, form: form)
    }

    private func form(of rest: [Character]) -> String? {
        let known = rules.forms.all.filter {
            $0.count < rest.count && rest.suffix($0.count).elementsEqual($0)
        }
        return known.first { rules.forms.isAllowed($0, for: subject) && !isPartOfLonger($0, known) }
            ?? known.first
    }

    /// 有限公司 inside 股份有限公司 is not the form.
    private func isPartOfLonger(_ form: String, _ known: [String]) -> Bool {
        known.contains { $0.count > form.count && rules.forms.reason($0, for: subject) != nil }
    }

    private func brackets(
        in rest: [Character]
    ) throws(NameError) -> (outer: Range<Int>, inner: Range<Int>)? {
        guard let open = rest.firstIndex(of: "（") else {
            if let stray = rest.firstIndex(of: "）") { throw .unreadable(.brackets, at: stray) }
            return nil
        }
        guard let close = rest.firstIndex(of: "）"), close > open + 1 else {
            throw .unreadable(.brackets, at: open)
        }
        if let second = rest[(close + 1)...].firstIndex(where: { $0 == "（" || $0 == "）" }) {
            throw .unreadable(.brackets, at: second)
        }
        return (open..<close + 1, open + 1..<close)
    }

    private func bracketed(
        _ division: String,
        before: [Character],
        after: [Character],
        form: String
    ) throws(NameError) -> NameParts {
        guard before.count >= 2 else { throw .unreadable(.brand, at: 0) }
        if after.isEmpty {
            let (brand, trade) = try split(before, offset: 0)
            return NameParts(
                division: division,
                brand: brand,
                trade: trade,
                form: form,
                divisionPlace: .afterTrade
            )
        }
        return NameParts(
            division: division,
            brand: String(before),
            trade: String(after),
            form: form,
            divisionPlace: .afterBrand
        )
    }

    private func split(_ rest: [Character], offset: Int) throws(NameError) -> (brand: String, trade: String) {
        guard !rest.isEmpty else { throw .unreadable(.brand, at: offset) }
        let trade = rules.trades.wordsAtEnd(of: rest, keeping: min(2, rest.count)).joined()
        return (String(rest.dropLast(trade.count)), trade)
    }
}
