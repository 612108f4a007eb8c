import Kernel
import Standards

extension FieldKind {
    /// A problem without its place.
    struct Fault {
        let code: String
        var arguments: [String: String] = [:]
    }

    /// What is wrong with a value by itself; rules and `required` are judged elsewhere.
    /// - Parameters:
    ///   - value: not null.
    ///   - siblings: the group, row or form that the field stands in.
    func fault(in value: JSON, siblings: JSON, context: FormContext) -> Fault? {
        switch self {
        case .text(let length), .name(let length): return text(value, length, isName: name == "name")
        case .multiline(let length): return text(value, length, isName: false)
        case .integer(let range):
            guard case .number(let digits) = value, let number = Int64(digits) else {
                return Fault(code: "form.integer")
            }
            guard range.contains(number) else {
                return Fault(
                    code: "form.range",
                    arguments: ["min": String(range.lowerBound), "max": String(range.upperBound)]
                )
            }
            return nil
        case .decimal(let least, let most, let decimals): return decimal(value, least, most, decimals)
        case .percent(let decimals): return decimal(value, "0", "100", decimals)
        case .money:
            return money(value)
        case .date:
            guard let text = value.text, text.utf8.count == 10, Self.day(text) == text else {
                return Fault(code: "form.date")
            }
            return LocalDate(parsing: text) == nil
                ? Fault(code: "form.no-such-day", arguments: ["value": text]) : nil
        case .time:
            guard let text = value.text, Self.clock(text) == text else { return Fault(code: "form.time") }
            return nil
        case .yesNo: return value.bool == nil ? Fault(code: "form.choose") : nil
        case .choice(let options):
            guard let code = value.text, options.contains(where: { $0.code == code }) else {
                return Fault(code: "form.choose")
            }
            return nil
        case .multichoice(let options):
            let codes = value.elements.compactMap(\.text)
            guard codes.count == value.elements.count, Set(codes).count == codes.count,
                codes.allSatisfy({ code in options.contains { $0.code == code } })
            else { return Fault(code: "form.choose") }
            return nil
        case .region(let level): return region(value, level, context)
        case .industry:
            guard let code = value.text, code.utf8.count == 4, Self.isDigits(code) else {
                return Fault(code: "form.industry")
            }
            if let known = context.codes.industry, known(code) == nil { return Fault(code: "form.industry") }
            return nil
        case .scope(let most): return scope(value, most, context)
        case .identityNumber(let kindField): return identity(value, siblings[kindField].text, context)
        case .phone(let landline): return phone(value, landline)
        case .email: return email(value)
        case .creditCode:
            guard let text = value.text else { return Fault(code: "form.credit-code") }
            do throws(IdentifierError) {
                _ = try CreditCode(text)
                return nil
            } catch { return Fault(code: "form.\(error.code)", arguments: error.arguments) }
        case .file(let accept, let size): return file(value, accept, size, context)
        case .promise(let version, _):
            return value == .string(version)
                ? nil : Fault(code: "form.promise-version", arguments: ["version": version])
        case .sameAs:
            return value.text.flatMap { FormPath(parsing: $0) } == nil ? Fault(code: "form.same-as") : nil
        case .group:
            if case .object = value { return nil }
            return Fault(code: "form.shape")
        case .rows:
            if case .array = value { return nil }
            return Fault(code: "form.shape")
        case .signature: return nil
        }
    }

    private func text(_ value: JSON, _ length: ClosedRange<Int>, isName: Bool) -> Fault? {
        guard let text = value.text else { return Fault(code: "form.text") }
        guard length.contains(text.count) else {
            return Fault(
                code: "form.length",
                arguments: [
                    "min": String(length.lowerBound), "max": String(length.upperBound),
                    "count": String(text.count),
                ]
            )
        }
        let isAllowed = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0A: if case .multiline = self { true } else { false }
            // Controls, bidirectional overrides and private line separators change what a reader sees.
            case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0x2028, 0x2029: false
            default: true
            }
        }
        guard isAllowed else { return Fault(code: "form.characters") }
        guard isName else { return nil }
        // No name in any language holds them; where a name is copied into another system they would be markup.
        if text.contains(where: { "<>{}\\".contains($0) }) { return Fault(code: "form.name-marks") }
        return text.unicodeScalars.allSatisfy { !$0.properties.isAlphabetic } ? Fault(code: "form.name") : nil
    }

    private func decimal(_ value: JSON, _ least: String?, _ most: String?, _ decimals: Int) -> Fault? {
        guard case .number(let digits) = value, let text = Decimals.canonical(digits) else {
            return Fault(code: "form.decimal")
        }
        guard Decimals.decimals(text) <= decimals else {
            return Fault(code: "form.decimals", arguments: ["decimals": String(decimals)])
        }
        let isBelow = least.map { Decimals.isBelow(text, $0) } ?? false
        let isAbove = most.map { Decimals.isBelow($0, text) } ?? false
        guard isBelow || isAbove else { return nil }
        return Fault(code: "form.range", arguments: ["min": least ?? "-", "max": most ?? "-"])
    }

    /// A sum beyond all measure is a number all the same: what is wrong with it is its size.
    private func money(_ value: JSON) -> Fault? {
        if case .number(let digits) = value, let fen = Int64(digits), Self.moneyRange.contains(fen) {
            return nil
        }
        // A text that could have been read as money came by a program, which has to send whole fen.
        let typed =
            value.text.flatMap { Money(tenThousandYuan: $0) == nil ? Decimals.canonical($0) : nil }
            .map { Decimals.decimals($0) <= 6 } ?? false
        guard value.int != nil || typed else { return Fault(code: "form.money") }
        return Fault(
            code: "form.money-range",
            arguments: ["max": Money(fen: Self.moneyRange.upperBound).tenThousandYuanText]
        )
    }

    private static let moneyRange: ClosedRange<Int64> = 0...99_999_999_999_999

    private func region(_ value: JSON, _ level: String?, _ context: FormContext) -> Fault? {
        guard let code = value.text, code.utf8.count == 6, Self.isDigits(code) else {
            return Fault(code: "form.region")
        }
        guard let known = context.codes.region else { return nil }
        guard let answer = known(code, context.today), level == nil || answer.level == level else {
            return Fault(code: "form.region", arguments: ["value": code])
        }
        return nil
    }

    private func scope(_ value: JSON, _ most: Int, _ context: FormContext) -> Fault? {
        let codes = value.elements.compactMap(\.text)
        guard codes.count == value.elements.count, !codes.isEmpty else { return Fault(code: "form.scope") }
        guard codes.count <= most else {
            return Fault(code: "form.too-many-rows", arguments: ["limit": String(most)])
        }
        guard Set(codes).count == codes.count else { return Fault(code: "form.scope-twice") }
        for code in codes {
            let isWord =
                code.utf8.count <= 32
                && code.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == 0x2D
                }
            if !isWord || context.codes.scope.map({ $0(code, context.today) == nil }) ?? false {
                return Fault(code: "form.scope-unknown", arguments: ["value": String(code.prefix(32))])
            }
        }
        return nil
    }

    private func identity(_ value: JSON, _ kind: String?, _ context: FormContext) -> Fault? {
        guard let number = value.text, (5...18).contains(number.utf8.count) else {
            return Fault(code: "form.identity")
        }
        // Without a kind the number cannot be judged; the kind's own field says that it is missing.
        guard let kind, let check = context.codes.identity, let error = check(kind, number, context.today)
        else { return nil }
        return Fault(code: "form.\(error.code)", arguments: error.arguments)
    }

    private func phone(_ value: JSON, _ landline: Bool) -> Fault? {
        guard let text = value.text else { return Fault(code: "form.phone") }
        if text.hasPrefix("+") {
            let digits = text.dropFirst()
            return (7...15).contains(digits.utf8.count) && Self.isDigits(digits)
                ? nil : Fault(code: "form.phone")
        }
        do throws(IdentifierError) {
            _ = landline ? try PhoneNumber(text) : try PhoneNumber.mobile(text)
            return nil
        } catch { return Fault(code: "form.phone") }
    }

    private func email(_ value: JSON) -> Fault? {
        guard let text = value.text, text.utf8.count <= 254,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            return Fault(code: "form.email")
        }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count) else {
            return Fault(code: "form.email")
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let isHost =
            labels.count >= 2
            && labels.allSatisfy { label in
                !label.isEmpty && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy {
                        (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0)
                            || $0 == 0x2D
                    }
            }
        return isHost ? nil : Fault(code: "form.email")
    }

    private func file(_ value: JSON, _ accept: [String], _ size: Int, _ context: FormContext) -> Fault? {
        guard let text = value.text, text.hasPrefix("sm3:"), text.utf8.count == 68,
            text.dropFirst(4).utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return Fault(code: "form.file") }
        guard let known = context.codes.file else { return nil }
        guard let file = known(text) else { return Fault(code: "form.file") }
        guard accept.contains(file.kind) else {
            return Fault(code: "form.file-kind", arguments: ["accept": accept.joined(separator: ", ")])
        }
        guard file.sizeBytes <= size else {
            return Fault(code: "form.file-size", arguments: ["limit": String(size / 1_048_576)])
        }
        return nil
    }

    static func isDigits(_ text: some StringProtocol) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
