import ServiceRuntime
import Tickets

await ServiceProgram<TicketsModule>.main()
