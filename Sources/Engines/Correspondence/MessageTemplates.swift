internal import Forms
internal import Foundation
public import Kernel

/// The wording of the messages, from `Resources/papers/messages.yaml`, and the hours in which no text is sent.
public struct MessageTemplates: Sendable {
    struct Template: Hashable, Sendable {
        let zh: String
        let en: String
        let fields: [String]
        /// Sent as a text too, when there is a phone.
        let sms: Bool
        /// Goes out in quiet hours as well.
        let urgent: Bool
    }

    /// From `begin` to `end`, milliseconds after midnight; over midnight when `begin` is later.
    struct Quiet: Hashable, Sendable {
        let from: LocalDate
        let begin: Int64
        let end: Int64

        /// `moment` itself, or the end of the quiet hours it lies in.
        func end(of moment: Instant) -> Instant {
            let time = moment.timeOfDay
            let today = Instant(moment.date)
            if begin <= end { return time >= begin && time < end ? today + end : moment }
            if time >= begin { return today + Instant.day + end }
            return time < end ? today + end : moment
        }
    }

    let templates: [String: Template]
    let quiet: [Quiet]
    /// The longest text, in characters.
    let lengthMax: Int

    public var names: [String] { templates.keys.sorted() }

    public init(home: Home) throws(CorrespondenceError) { try self.init(folder: home.resource("papers")) }

    public init(folder: String) throws(CorrespondenceError) {
        guard let (file, text) = try PaperLibrary.files(in: folder, suffix: "messages.yaml").first else {
            throw .definition(file: "messages.yaml", what: "missing")
        }
        let reader = try DefinitionReader<CorrespondenceError>(text: text, file: file)
        try reader.only("lengthMax", "quiet", "messages")
        guard let lengthMax = Int(try reader.text("lengthMax")), (50...1_000).contains(lengthMax) else {
            throw reader.wrong("lengthMax is not 50...1000")
        }
        self.lengthMax = lengthMax
        var quiet: [Quiet] = []
        for entry in try reader.list("quiet") {
            try entry.only("from", "begin", "end")
            quiet.append(
                Quiet(
                    from: try entry.date("from"),
                    begin: try Self.time("begin", entry),
                    end: try Self.time("end", entry)
                )
            )
        }
        guard !quiet.isEmpty else { throw reader.wrong("quiet is empty") }
        self.quiet = quiet.sorted { $0.from < $1.from }
        var templates: [String: Template] = [:]
        for (name, entry) in try reader.members("messages") {
            templates[name] = try Self.template(entry)
        }
        self.templates = templates
    }

    private static func template(_ entry: DefinitionReader<CorrespondenceError>) throws(CorrespondenceError)
        -> Template
    {
        try entry.only("zh", "en", "fields", "sms", "urgent")
        var fields: [String] = []
        for field in try entry.list("fields", optional: true) { fields.append(try field.scalar()) }
        let template = Template(
            zh: try entry.text("zh"),
            en: try entry.text("en"),
            fields: fields,
            sms: try entry.optionalText("sms") != "false",
            urgent: try entry.optionalText("urgent") == "true"
        )
        for text in [template.zh, template.en] {
            guard text.contains("{caseNumber}") else { throw entry.wrong("the case number is missing") }
            for field in fields where !text.contains("{\(field)}") {
                throw entry.wrong("{\(field)} is not used")
            }
        }
        return template
    }

    private static func time(_ key: String, _ entry: DefinitionReader<CorrespondenceError>)
        throws(CorrespondenceError) -> Int64
    {
        let parts = try entry.text(key).split(separator: ":").map { Int64($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { throw entry.wrong("\(key) is not a time like 22:00") }
        return hour * Instant.hour + minute * Instant.minute
    }

    /// Fills a template; a value `x-en` stands for `x` in the English text. Control characters and line breaks in
    /// values become spaces.
    func text(of note: Note, origin: String = "") throws(CorrespondenceError) -> (
        template: Template, zh: String, en: String
    ) {
        guard let template = templates[note.template] else { throw .unknownTemplate(note.template) }
        var values = ["caseNumber": note.caseNumber, "link": origin + note.link]
        for field in template.fields {
            guard let value = note.values[field], !value.isEmpty else {
                throw .fieldMissing(kind: note.template, field: field)
            }
            let clean = PaperTemplate.clean(value)
            guard !Self.holdsIdentityNumber(clean) else { throw .identityNumber }
            values[field] = clean
        }
        let zh = template.zh.filled(values)
        for field in template.fields {
            if let english = note.values["\(field)-en"], !english.isEmpty {
                values[field] = PaperTemplate.clean(english)
            }
        }
        let en = template.en.filled(values)
        guard zh.count <= lengthMax, en.count <= lengthMax * 3 else { throw .tooLong }
        return (template, zh, en)
    }

    /// Seventeen digits and a digit or X in a row, as GB 11643 writes a citizen's number.
    static func holdsIdentityNumber(_ text: String) -> Bool {
        var run = 0
        for byte in text.utf8 {
            if (0x30...0x39).contains(byte) {
                run += 1
            } else if run == 17, byte == UInt8(ascii: "X") || byte == UInt8(ascii: "x") {
                run += 1
            } else {
                run = 0
            }
            if run >= 18 { return true }
        }
        return false
    }

    public func quietEnd(_ moment: Instant) -> Instant {
        (quiet.last { $0.from <= moment.date } ?? quiet[0]).end(of: moment)
    }
}
