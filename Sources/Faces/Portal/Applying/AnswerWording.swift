import Cases
import Catalogue
import Forms
import Kernel
import Storage
import Web

/// What was sent from a page of the form, in its own words. Nobody is known here: the draft is not read, and every
/// form in force that has the page and the question can lend its label.
enum AnswerWording {
    static func of(_ visit: Visit, page: String, _ desk: PortalDesk) async -> [String: AnswerWords] {
        let today = visit.now.date
        let found = try? await desk.database.read {
            try desk.published.all(on: today, in: $0)
        }
        guard let found, let offers = try? await Offers.load(visit, desk, word: nil) else { return [:] }
        let forms = found.flatMap { system in
            system.definition.forms.sorted { $0.key < $1.key }.map(\.value).filter { $0.page(page) != nil }
        }
        let context = FormContext(today: today, codes: desk.desk.codes)
        var words: [String: AnswerWords] = [:]
        for (name, values) in visit.form.byName {
            guard let path = FormPath(parsing: name),
                let form = forms.first(where: { Self.label(of: path, in: $0, visit) != nil }),
                let label = Self.label(of: path, in: form, visit), let field = Self.field(at: path, in: form)
            else { continue }
            // Ticks of one question come one by one.
            let value = field.kind.read(values.filter { !$0.isEmpty }.joined(separator: ","))
            let shown =
                value.text.flatMap { offers.words(of: $0, at: name) }
                ?? field.kind.words(value, language: visit.language.rawValue, context: context)
            words[name] = AnswerWords(label: label, answer: shown)
        }
        return words
    }

    private static func field(at path: FormPath, in form: FormDefinition) -> FormField? {
        let names = path.steps.compactMap { step -> String? in
            if case .member(let name) = step { name } else { nil }
        }
        return form.field(at: names.joined(separator: "."))
    }

    /// `股东 1 · 姓名`; the one group that a page is about is left out.
    private static func label(of path: FormPath, in form: FormDefinition, _ visit: Visit) -> String? {
        var names: [String] = []
        var labels: [String] = []
        for step in path.steps {
            switch step {
            case .member(let name):
                names.append(name)
                guard let field = form.field(at: names.joined(separator: ".")) else { return nil }
                labels.append(field.label(visit.language.rawValue))
            case .index(let index): labels.append("\(labels.popLast() ?? "") \(index + 1)")
            }
        }
        let isPlain = !path.steps.contains { if case .index = $0 { true } else { false } }
        return (isPlain && labels.count > 1 ? Array(labels.dropFirst()) : labels).joined(separator: " · ")
    }
}
