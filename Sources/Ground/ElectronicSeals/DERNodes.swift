import Kernel
import SwiftASN1

/// Why bytes are no seal or signature: the place in the words of the standard, such as `SES_Header.version`.
public struct SealFormatError: Error, Hashable, Sendable {
    public let place: String

    init(_ place: String) { self.place = place }
}

/// The parts of one SEQUENCE, taken one after the other. Each part keeps the bytes that it was read from: what was
/// signed is hashed as it lies in the file, never as somebody would write it again.
struct DERParts {
    private let parts: [ASN1Node]
    private var taken = 0
    private let place: String

    init(_ node: ASN1Node, _ place: String, tag: ASN1Identifier = .sequence) throws(SealFormatError) {
        guard node.identifier == tag, case .constructed(let parts) = node.content else {
            throw SealFormatError(place)
        }
        self.place = place
        self.parts = Array(parts)
    }

    /// How many parts there are in all.
    var count: Int { parts.count }

    /// The tag of the next part; nil at the end.
    var tag: ASN1Identifier? { taken < parts.count ? parts[taken].identifier : nil }

    mutating func next(_ name: String) throws(SealFormatError) -> ASN1Node {
        guard taken < parts.count else { throw SealFormatError("\(place).\(name)") }
        taken += 1
        return parts[taken - 1]
    }

    /// Refuses parts that nobody asked for.
    func end() throws(SealFormatError) {
        guard taken == parts.count else { throw SealFormatError(place) }
    }

    private mutating func read<Value>(_ name: String, _ read: (ASN1Node) throws -> Value)
        throws(SealFormatError) -> Value
    {
        let node = try next(name)
        do { return try read(node) } catch { throw SealFormatError("\(place).\(name)") }
    }

    mutating func integer(_ name: String) throws(SealFormatError) -> Int {
        try read(name) { try Int(derEncoded: $0) }
    }

    mutating func octets(_ name: String) throws(SealFormatError) -> [UInt8] {
        try read(name) { Array(try ASN1OctetString(derEncoded: $0).bytes) }
    }

    /// A BIT STRING of whole bytes.
    mutating func bits(_ name: String) throws(SealFormatError) -> [UInt8] {
        try read(name) { try Self.bits($0) }
    }

    static func bits(_ node: ASN1Node) throws -> [UInt8] {
        let value = try ASN1BitString(derEncoded: node)
        guard value.paddingBits == 0 else { throw SealFormatError("BIT STRING") }
        return Array(value.bytes)
    }

    mutating func object(_ name: String) throws(SealFormatError) -> String {
        try read(name) { try DERObject.read($0) }
    }

    mutating func ascii(_ name: String) throws(SealFormatError) -> String {
        try read(name) { String(try ASN1IA5String(derEncoded: $0)) }
    }

    mutating func printable(_ name: String) throws(SealFormatError) -> String {
        try read(name) { String(try ASN1PrintableString(derEncoded: $0)) }
    }

    mutating func utf8(_ name: String) throws(SealFormatError) -> String {
        try read(name) { node in
            let text = try ASN1UTF8String(derEncoded: node)
            guard let valid = String(validating: Array(text.bytes), as: UTF8.self) else {
                throw SealFormatError("UTF8String")
            }
            return valid
        }
    }

    /// `BOOLEAN DEFAULT FALSE`, written or left out.
    mutating func optionalBoolean(_ name: String) throws(SealFormatError) -> Bool {
        guard tag == .boolean else { return false }
        return try read(name) { try Bool(derEncoded: $0) }
    }

    /// GeneralizedTime in UTC, or UTCTime where a seal of 2014 has it.
    mutating func time(_ name: String) throws(SealFormatError) -> Instant {
        try read(name) { node in
            if node.identifier == .utcTime {
                let time = try UTCTime(derEncoded: node)
                return try Self.moment(
                    (time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
                )
            }
            let time = try GeneralizedTime(derEncoded: node)
            return try Self.moment(
                (time.year, time.month, time.day, time.hours, time.minutes, time.seconds)
            )
        }
    }

    private static func moment(
        _ parts: (year: Int, month: Int, day: Int, hours: Int, minutes: Int, seconds: Int)
    )
        throws -> Instant
    {
        guard let date = LocalDate(year: parts.year, month: parts.month, day: parts.day) else {
            throw SealFormatError("time")
        }
        let seconds = Int64(parts.hours) * 3_600 + Int64(parts.minutes) * 60 + Int64(parts.seconds)
        return Instant(milliseconds: Int64(date.dayNumber) * Instant.day + seconds * 1_000)
    }
}

/// Parses one DER value without bytes after it. Refuses indefinite and needlessly long lengths, and what would take many
/// times its own memory: a seal is some dozen kilobytes and some dozen values.
func derRoot(_ bytes: [UInt8], _ place: String) throws(SealFormatError) -> ASN1Node {
    guard bytes.count <= 4 << 20, derNodes(bytes, upTo: 20_000) <= 20_000 else {
        throw SealFormatError(place)
    }
    do { return try DER.parse(bytes) } catch { throw SealFormatError(place) }
}

/// How many values lie in the bytes, those in others too; one more than `most` when there are more. What is no DER is left
/// to the parser.
private func derNodes(_ bytes: [UInt8], upTo most: Int) -> Int {
    var (place, count) = (0, 0)
    while place + 1 < bytes.count, count <= most {
        count += 1
        let tag = bytes[place]
        place += 1
        if tag & 0x1F == 0x1F {
            while place < bytes.count, bytes[place] & 0x80 != 0 { place += 1 }
            place += 1
        }
        guard place < bytes.count else { break }
        let first = bytes[place]
        place += 1
        var length = Int(first)
        if first & 0x80 != 0 {
            let octets = Int(first & 0x7F)
            guard octets <= 4, place + octets <= bytes.count else { break }
            length = bytes[place..<place + octets].reduce(0) { $0 << 8 | Int($1) }
            place += octets
        }
        // The values within a constructed one come next.
        if tag & 0x20 == 0 { place += length }
    }
    return count
}

extension Instant {
    /// `YYYYMMDDHHMMSSZ`, as GB/T 38540-2020 writes times.
    var generalized: GeneralizedTime? {
        let second = milliseconds.quotientAndRemainder(dividingBy: 1_000).quotient
        let (day, rest) = (second / 86_400, second % 86_400)
        let date = LocalDate(dayNumber: Int(day))
        return try? GeneralizedTime(
            year: date.year,
            month: date.month,
            day: date.day,
            hours: Int(rest / 3_600),
            minutes: Int(rest / 60 % 60),
            seconds: Int(rest % 60),
            fractionalSeconds: 0
        )
    }
}
