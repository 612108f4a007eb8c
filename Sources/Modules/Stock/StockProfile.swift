import Foundation
public import Kernel
public import Standards

/// What a file of stock holds, column by column: what an official looks at before he writes the mapping.
public struct StockProfile: Sendable {
    public struct Column: Sendable {
        public let name: String
        /// Values that are not empty.
        public internal(set) var filled = 0
        /// At most as many as are counted; `isOver` when there are more.
        public internal(set) var distinct = 0
        public internal(set) var isOver = false
        public internal(set) var shortest = Int.max
        public internal(set) var longest = 0
        /// How many values read as each type.
        public internal(set) var types: [String: Int] = [:]
        /// Values that stand where something is not known, and how often.
        public internal(set) var suspicious: [String: Int] = [:]
        /// Values with blanks at their ends or full-width digits.
        public internal(set) var untidy = 0
        /// The most frequent ones of a column with few.
        public internal(set) var values: [String: Int] = [:]

        /// What nearly all values read as.
        public var type: String {
            let known = filled - suspicious.values.reduce(0, +)
            let best = types.max { ($0.value, $1.key) < ($1.value, $0.key) }
            return best.flatMap { $0.value * 10 >= known * 9 && known > 0 ? $0.key : nil } ?? "text"
        }
    }

    public let file: StockFile
    public private(set) var rows = 0
    public private(set) var faults: [StockRow.Fault: Int] = [:]
    public private(set) var columns: [Column]
    /// Distinct values are counted up to here.
    private static let distinctMax = 100_000
    /// Of a column with no more values than this each is shown, as codes to translate.
    private static let valuesMax = 40

    /// Reads the whole file.
    public init(_ file: StockFile, standards: Standards, today: LocalDate) {
        self.file = file
        columns = file.columns.map { Column(name: $0) }
        var seen = file.columns.map { _ in Set<Int>() }
        let types = StockTypes(standards: standards, today: today)
        var place = file.start
        while true {
            let page = file.page(at: place, limit: 1_000)
            guard !page.rows.isEmpty else { return }
            for row in page.rows {
                rows += 1
                if let fault = row.fault {
                    faults[fault, default: 0] += 1
                    continue
                }
                for (index, value) in row.values.enumerated() where !value.isEmpty {
                    count(value, at: index, types, &seen[index])
                }
            }
            place = page.next
        }
    }

    private mutating func count(_ value: String, at index: Int, _ types: StockTypes, _ seen: inout Set<Int>) {
        let text = BorderText.line(value)
        columns[index].filled += 1
        columns[index].shortest = min(columns[index].shortest, value.count)
        columns[index].longest = max(columns[index].longest, value.count)
        if text != value || BorderText.code(value).utf8.count < value.utf8.count && types.isCode(value) {
            columns[index].untidy += 1
        }
        if seen.count < Self.distinctMax {
            seen.insert(text.hashValue)
            columns[index].distinct = seen.count
        } else if !seen.contains(text.hashValue) {
            columns[index].isOver = true
        }
        if columns[index].values.count <= Self.valuesMax { columns[index].values[text, default: 0] += 1 }
        if StockTypes.isPlaceholder(text) {
            columns[index].suspicious[text, default: 0] += 1
        } else if let type = types.type(of: text) {
            columns[index].types[type, default: 0] += 1
        }
    }

    /// A mapping to be edited: what was guessed stands in it, what was not is left open.
    /// - Parameters:
    ///   - kind: what the rows are to become.
    ///   - names: how sources call the fields of that kind, the usual name first.
    public func draft(of kind: StockKind, names: [String: [String]]) -> String {
        var lines = [
            "# \(file.name): \(file.encoding.rawValue), \(rows) rows",
            "kind: \(kind.rawValue)", "source: \(Self.quoted(file.name))",
        ]
        // Words and days that sources write where they do not know (`StockTypes.isPlaceholder`).
        var placeholders: Set<String> = []
        for column in columns { placeholders.formUnion(column.suspicious.keys) }
        let found = kind.fields.map { field in
            (field, columns.first { names[field.name]?.contains($0.name) ?? false })
        }
        let distinct = columns.first { $0.filled == rows && $0.distinct == min(rows, Self.distinctMax) }
        if let distinct {
            lines.append("row: [\(Self.quoted(distinct.name))]")
        } else {
            let guess = found.first { $0.1 != nil && $0.0.isRequired }?.1?.name ?? columns.first?.name ?? ""
            lines.append("row: [\(Self.quoted(guess))]   # ? no column alone tells all rows apart")
        }
        let unknown = placeholders.subtracting(StockTypes.realDays)
        lines.append("unknown: [\(unknown.sorted().map(Self.quoted).joined(separator: ", "))]")
        for day in placeholders.intersection(StockTypes.realDays).sorted() {
            lines.append(
                "# ? \(Self.quoted(day)) may be a real day: put it under unknown where the source does not know"
            )
        }
        lines.append("fields:")
        for (field, column) in found {
            guard let column else {
                lines.append("  # \(field.name): {column: }\(field.isRequired ? "   # needed" : "")")
                continue
            }
            var parts = ["column: \(Self.quoted(column.name))"]
            switch field.content {
            case .date:
                let known = StockTypes.dates.map(\.pattern).filter { column.types["date \($0)"] != nil }
                parts.append("dates: [\(known.map(Self.quoted).joined(separator: ", "))]")
            case .choice(let choices): parts.append(Self.codes(column, choices))
            case .money: parts.append("unit: yuan")
            case .personName, .documentKind, .document, .phone, .text, .creditCode, .region, .agency, .holder,
                .onLicence:
                break
            }
            lines.append("  \(field.name): {\(parts.joined(separator: ", "))}")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Every value of the source with a question mark to be replaced, unless it is the word already.
    private static func codes(_ column: Column, _ choices: [String]) -> String {
        guard column.values.count <= valuesMax else { return "codes: {}" }
        let pairs = column.values.keys.sorted().map { value in
            "\(quoted(value)): \(choices.contains(value) ? value : "\"?\"")"
        }
        return "codes: {\(pairs.joined(separator: ", "))}"
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    public var json: JSON {
        [
            "file": .string(file.name), "encoding": .string(file.encoding.rawValue),
            "format": .string(file.format.rawValue), "rows": JSON(rows),
            "faults": .object(
                Dictionary(uniqueKeysWithValues: faults.map { ($0.key.rawValue, JSON($0.value)) })
            ),
            "columns": .array(
                columns.map { column in
                    [
                        "name": .string(column.name), "type": .string(column.type),
                        "filled": JSON(column.filled), "distinct": JSON(column.distinct),
                        "over": .bool(column.isOver),
                        "shortest": JSON(column.filled > 0 ? column.shortest : 0),
                        "longest": JSON(column.longest), "untidy": JSON(column.untidy),
                        "suspicious": .object(column.suspicious.mapValues { JSON($0) }),
                    ]
                }
            ),
        ]
    }
}

/// Guesses what a value is.
struct StockTypes {
    let standards: Standards
    let today: LocalDate

    static let dates = [
        "yyyy-MM-dd", "yyyyMMdd", "yyyy/M/d", "yyyy年M月d日", "yyyy.M.d", "yyyy-MM-dd HH:mm:ss",
        "yyyy/M/d H:mm:ss",
    ].compactMap(StockDateFormat.init)

    func type(of text: String) -> String? {
        if (try? CitizenID(text, today: today, regions: standards.regions)) != nil { return "id-18" }
        if (try? CitizenID.upgraded(from15: text, today: today, regions: standards.regions)) != nil {
            return "id-15"
        }
        if (try? CreditCode(text)) != nil { return "credit-code" }
        if let format = Self.dates.first(where: { $0.read(text) != nil }) { return "date \(format.pattern)" }
        if (try? PhoneNumber(text)) != nil { return "phone" }
        if standards.regions[text] != nil { return "region" }
        if StockReader.fen(text, unit: 1_000_000) != nil { return "number" }
        return nil
    }

    /// Full-width digits and blanks inside matter in codes only.
    func isCode(_ text: String) -> Bool {
        BorderText.code(text).utf8.allSatisfy { (0x30...0x5A).contains($0) }
    }

    private static let words: Set = [
        "无", "不详", "未知", "暂无", "空", "-", "--", "—", "/", "\\", "N/A", "n/a", "NULL", "null", "None", "0",
        "1900-01-01", "1899-12-30", "1970-01-01", "9999-12-31", "2999-12-31", "2099-12-31", "0000-00-00",
    ]

    /// Days that people were born on, too.
    static let realDays: Set = ["1970-01-01"]

    /// A word or day that stands for what is not known, or one character again and again.
    static func isPlaceholder(_ text: String) -> Bool {
        if words.contains(text) { return true }
        let day = dates.lazy.compactMap { $0.read(text) }.first.map(\.description)
        if let day, words.contains(day) { return true }
        return text.count >= 6 && Set(text).count == 1
    }
}
