import Channels
import ServiceRuntime

await ServiceProgram<ChannelsModule>.main()
