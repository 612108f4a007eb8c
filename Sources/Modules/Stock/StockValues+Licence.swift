import Credentials
import Forms
import Kernel
import Standards

/// What stands on a licence of the source, read as its type has it and held against that type.
extension StockReader {
    func takeFields(of row: StockRow, into values: inout StockValues) -> [StockFinding] {
        guard let key = values.texts["type"] else { return [] }
        guard let type = types[key] else {
            return [StockFinding(row.line, "", "stock.unknown-type", ["type": String(key.prefix(40))])]
        }
        var fields: JSON = [:]
        var columns: [String: String] = [:]
        for rule in mapping.rules where rule.field.content == .onLicence {
            let text = BorderText.line(written(rule, in: row))
            guard !text.isEmpty, !mapping.unknown.contains(text) else { continue }
            columns[rule.onLicence] = rule.column
            fields[rule.onLicence] =
                type.field(rule.onLicence).flatMap { Self.value(of: rule.codes[text] ?? text, $0, rule) }
                ?? .string(text)
        }
        // Number and last day stand on it too, where the source has them once.
        if let number = type.numberField?.key, fields[number].isNull {
            fields[number] = JSON(values.texts["number"])
        }
        if case .until(let field) = type.validity, fields[field].isNull {
            fields[field] = JSON(values.days["validUntil"]?.description)
        }
        values.licence = fields
        var findings = type.problems(of: fields).map { problem in
            StockFinding(
                row.line,
                columns[problem.field] ?? "",
                "licence.field-\(problem.what.rawValue)",
                ["field": problem.name]
            )
        }
        if let holder: Holder.Kind = values.texts["holder"] != nil
            ? .enterprise : values.documents["holder"].map({ _ in .person }), holder != type.holder
        {
            findings.append(StockFinding(row.line, "", "licence.holder-kind", ["type": type.name.zh]))
        }
        return findings
    }

    /// - Returns: nil when it cannot be read as such; the type then says what is wrong with it.
    private static func value(of text: String, _ field: LicenceField, _ rule: StockMapping.Rule) -> JSON? {
        switch field.kind {
        case .text, .code: return .string(text)
        case .date: return rule.dates.lazy.compactMap { $0.read(text) }.first.map { .string($0.description) }
        case .amount: return fen(text, unit: rule.fen).map { JSON($0) }
        case .list:
            // An array of JSON, or parts as people write them.
            if text.hasPrefix("["), let list = try? JSON.read(text), case .array = list { return list }
            let parts = text.split { "；;、|".contains($0) }.map { BorderText.line($0) }.filter { !$0.isEmpty }
            return .array(parts.map(JSON.string))
        }
    }
}
