import Cases
import Cryptography
import Kernel
import Web

/// The full text of a paper, to be read and printed. Template: `portal/paper`.
struct PaperView: PageView {
    let title: String
    let number: String?
    let paragraphs: [Line]
    /// SM3 of the text, so that a print can be compared with what was signed.
    let digest: String
    let back: String
    let notice: NoticeView?
    /// Where the recipient says that he has read it; nil when he did, and where nothing was served.
    let readAction: String?

    struct Line: PageView {
        let text: String
    }

    init(
        title: String,
        number: String? = nil,
        text: String,
        digest: String,
        back: String,
        notice: NoticeView? = nil,
        readAction: String? = nil
    ) {
        self.title = title
        self.number = number
        // The canonical text begins with the title and, where there is one, the number.
        let head = [title, number].compactMap { $0 }
        let lines = text.split(separator: "\n").map(String.init)
        paragraphs = (Array(lines.prefix(head.count)) == head ? Array(lines.dropFirst(head.count)) : lines)
            .map { Line(text: $0.replacing("\t", with: "　")) }
        self.digest = digest
        self.back = back
        self.notice = notice
        self.readAction = readAction
    }
}
