import WallTime
import WorkingTime

/// C45: when a department opens, as a customer reads it: weekday, day, month and time of the zone, in the language of the text it
/// stands in; in a language that is not known here as a date that everybody reads.
struct OpeningWords: Sendable {
    /// What stands for it in a text.
    static let placeholder = "{next_opening}"

    var opening: Instant
    var zone: ZoneRules

    func text(in locale: String) -> String {
        let seconds = Int((opening.microseconds / 1_000_000) + Int64(zone.offsetSeconds(at: opening)))
        let day = seconds / 86_400
        let date = CivilDate(daysSinceEpoch: day)
        let time = Self.padded(seconds % 86_400 / 3_600) + ":" + Self.padded(seconds / 60 % 60)
        // 1970-01-01 was a Thursday; Monday is first.
        guard let words = Self.words[locale.language] else {
            return "\(date.year)-\(Self.padded(date.month))-\(Self.padded(date.day)) \(time)"
        }
        return words.sentence(words.weekdays[(day + 3) % 7], "\(date.day)", words.months[date.month - 1], time)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private struct Words: Sendable {
        var weekdays: [String]
        var months: [String]
        var sentence: @Sendable (_ weekday: String, _ day: String, _ month: String, _ time: String) -> String
    }

    private static let words: [String: Words] = [
        "en": Words(
            weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
            months: [
                "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
                "December",
            ]
        ) { "\($0), \($1) \($2), \($3)" },
        "pt": Words(
            weekdays: [
                "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo",
            ],
            months: [
                "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
                "dezembro",
            ]
        ) { "\($0), \($1) de \($2), \($3)" },
        "es": Words(
            weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
            months: [
                "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
                "diciembre",
            ]
        ) { "\($0), \($1) de \($2), \($3)" },
    ]
}
