public import Kernel

/// What a document says of itself, the same in OFD and PDF.
public struct DocumentDescription: Sendable {
    /// 32 hexadecimal digits, unlike those of any other document.
    public let id: String
    public let title: String
    public let author: String
    public let subject: String
    public let created: Instant
    /// Names and values in order, with the names of GB/T 36903 by their initials, such as `ZZBH`.
    public let fields: [(name: String, value: String)]

    public init(
        id: String,
        title: String,
        author: String,
        subject: String = "",
        created: Instant,
        fields: [(name: String, value: String)] = []
    ) {
        self.id = id
        self.title = title
        self.author = author
        self.subject = subject
        self.created = created
        self.fields = fields
    }

    /// The program that wrote it.
    static let creator = "Suban"
}

/// A file that a document carries, such as its data for programs.
public struct DocumentAttachment: Sendable {
    public let name: String
    /// `XML` or `JSON`; in lower case it ends the file's name.
    public let format: String
    public let bytes: [UInt8]

    public init(name: String, format: String, bytes: [UInt8]) {
        self.name = name
        self.format = format
        self.bytes = bytes
    }
}
