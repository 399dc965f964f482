import Conversations
import ServiceRuntime

@main
struct Program {
    static func main() async {
        await ServiceProgram<ConversationsModule>.main()
    }
}
