/// Where a value stands in a form's data: `shareholders[0].name`. Indices count from 0.
public struct FormPath: Hashable, Sendable, CustomStringConvertible {
    public enum Step: Hashable, Sendable {
        case member(String)
        case index(Int)
    }

    public var steps: [Step]

    public init(_ steps: [Step] = []) { self.steps = steps }

    /// Reads what `description` writes.
    /// - Returns: nil for anything else, for indices over 9,999 and for more than 12 steps.
    public init?(parsing text: some StringProtocol) {
        var steps: [Step] = []
        var name: [UInt8] = []
        let bytes = Array(text.utf8)
        guard bytes.count <= 256 else { return nil }
        var index = 0
        var afterIndex = false
        func isName(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x5F
        }
        while index < bytes.count {
            let byte = bytes[index]
            if isName(byte), !afterIndex {
                name.append(byte)
                index += 1
            } else if byte == UInt8(ascii: ".") {
                guard afterIndex || !name.isEmpty, index + 1 < bytes.count else { return nil }
                if !name.isEmpty { steps.append(.member(String(decoding: name, as: UTF8.self))) }
                name = []
                afterIndex = false
                index += 1
            } else if byte == UInt8(ascii: "[") {
                guard !name.isEmpty, !afterIndex else { return nil }
                steps.append(.member(String(decoding: name, as: UTF8.self)))
                name = []
                guard let close = bytes[index...].firstIndex(of: UInt8(ascii: "]")), close - index - 1 <= 4,
                    let number = Int(String(decoding: bytes[index + 1..<close], as: UTF8.self)), number >= 0,
                    String(number).utf8.count == close - index - 1
                else { return nil }
                steps.append(.index(number))
                afterIndex = true
                index = close + 1
            } else {
                return nil
            }
        }
        if !name.isEmpty { steps.append(.member(String(decoding: name, as: UTF8.self))) }
        guard !steps.isEmpty, steps.count <= 12 else { return nil }
        self.steps = steps
    }

    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .member(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    public func member(_ name: String) -> FormPath { FormPath(steps + [.member(name)]) }
    public func index(_ index: Int) -> FormPath { FormPath(steps + [.index(index)]) }
}
