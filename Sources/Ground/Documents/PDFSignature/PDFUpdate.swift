/// What is appended to a PDF file: new and changed objects, then a table of them (ISO 32000-1, section 7.5.6). Nothing
/// that stands already is touched.
struct PDFUpdate {
    private(set) var bytes: [UInt8]
    private let file: PDFFile
    private var next: Int
    private var offsets: [PDFReference: Int] = [:]

    init(to file: PDFFile) throws(PDFFault) {
        let last = file.offsets.keys.max() ?? 0
        guard let size = file.trailer["Size"]?.integer, size > last, size <= file.limits.objects else {
            throw .format("Size")
        }
        self.file = file
        next = size
        bytes = file.bytes
        if bytes.last != 0x0A { bytes.append(0x0A) }
    }

    /// The place of an object that does not exist yet.
    mutating func place() -> PDFReference {
        defer { next += 1 }
        return PDFReference(number: next, generation: 0)
    }

    mutating func put(_ object: PDFObject, at place: PDFReference) {
        begin(place)
        object.write(to: &bytes)
        finish()
    }

    mutating func put(_ entries: [String: PDFObject], stream: [UInt8], at place: PDFReference) {
        begin(place)
        PDFObject.dictionary(entries.merging(["Length": .integer(stream.count)]) { $1 }).write(to: &bytes)
        bytes += "\nstream\n".utf8
        bytes += stream
        bytes += "\nendstream".utf8
        finish()
    }

    /// An object whose text the caller writes, from where it can be found again.
    mutating func put(text: [UInt8], at place: PDFReference) -> Int {
        begin(place)
        defer { finish() }
        let start = bytes.count
        bytes += text
        return start
    }

    private mutating func begin(_ place: PDFReference) {
        offsets[place] = bytes.count
        bytes += "\(place.number) \(place.generation) obj\n".utf8
    }

    private mutating func finish() { bytes += "\nendobj\n".utf8 }

    /// Writes the table and the trailer.
    mutating func close(information: PDFReference?) {
        let start = bytes.count
        bytes += "xref\n".utf8
        let places = offsets.keys.sorted { $0.number < $1.number }
        var index = 0
        while index < places.count {
            var last = index
            while last + 1 < places.count, places[last + 1].number == places[last].number + 1 { last += 1 }
            bytes += "\(places[index].number) \(last - index + 1)\n".utf8
            for place in places[index...last] {
                bytes += Self.digits(offsets[place] ?? 0, 10) + [0x20] + Self.digits(place.generation, 5)
                bytes += " n\r\n".utf8
            }
            index = last + 1
        }
        var trailer: [String: PDFObject] = [
            "Size": .integer(next), "Prev": .integer(file.startOfTable),
            "Root": file.trailer["Root"] ?? .null,
        ]
        trailer["Info"] = information.map(PDFObject.reference) ?? file.trailer["Info"]
        trailer["ID"] = file.trailer["ID"]
        bytes += "trailer\n".utf8
        PDFObject.dictionary(trailer).write(to: &bytes)
        bytes += "\nstartxref\n\(start)\n%%EOF\n".utf8
    }

    /// Puts bytes over as many that stand there.
    mutating func overwrite(_ replacement: [UInt8], at start: Int) {
        bytes.replaceSubrange(start..<start + replacement.count, with: replacement)
    }

    /// A number with zeros in front.
    static func digits(_ number: Int, _ width: Int) -> [UInt8] {
        let text = Array(String(number).utf8)
        return [UInt8](repeating: 0x30, count: max(0, width - text.count)) + text
    }
}
