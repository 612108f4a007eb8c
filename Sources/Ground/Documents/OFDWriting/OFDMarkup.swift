/// XML written byte by byte; names are ours, texts are escaped.
struct OFDMarkup {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(4096) }

    /// Begins a file with its root element in the namespace of GB/T 33190-2016.
    init(root: StaticString, _ attributes: [(StaticString, String)] = []) {
        self.init()
        raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ofd:")
        raw(root)
        raw(" xmlns:ofd=\"http://www.ofdspec.org/2016\"")
        for (name, value) in attributes { attribute(name, value) }
        raw(">")
    }

    mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func text(_ text: String) {
        var text = text
        text.withUTF8 { characters in
            for byte in characters {
                switch byte {
                case UInt8(ascii: "<"): raw("&lt;")
                case UInt8(ascii: ">"): raw("&gt;")
                case UInt8(ascii: "&"): raw("&amp;")
                case UInt8(ascii: "\""): raw("&quot;")
                case 0x09, 0x0A, 0x0D:
                    raw("&#")
                    integer(Int(byte))
                    raw(";")
                // XML 1.0 has no place for other control characters.
                case 0..<0x20: continue
                default: bytes.append(byte)
                }
            }
        }
    }

    mutating func attribute(_ name: StaticString, _ value: String) {
        raw(" ")
        raw(name)
        raw("=\"")
        text(value)
        raw("\"")
    }

    mutating func element(_ name: StaticString, _ value: String) {
        raw("<ofd:")
        raw(name)
        raw(">")
        text(value)
        raw("</ofd:")
        raw(name)
        raw(">")
    }

    mutating func integer(_ number: Int) {
        if number < 0 {
            bytes.append(UInt8(ascii: "-"))
            return integer(-number)
        }
        if number >= 10 { integer(number / 10) }
        bytes.append(UInt8(ascii: "0") + UInt8(number % 10))
    }

    /// To a thousandth, without zeros at the end.
    mutating func number(_ number: Double) {
        let thousandths = Int((number * 1000).rounded())
        if thousandths < 0 { bytes.append(UInt8(ascii: "-")) }
        let whole = abs(thousandths)
        integer(whole / 1000)
        var rest = whole % 1000
        guard rest > 0 else { return }
        bytes.append(UInt8(ascii: "."))
        var unit = 100
        while rest > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }

    mutating func numbers(_ numbers: Double...) {
        for (at, number) in numbers.enumerated() {
            if at > 0 { raw(" ") }
            self.number(number)
        }
    }
}
