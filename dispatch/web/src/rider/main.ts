import { createApp } from 'vue'
import './rider.css'
import Rider from './Rider.vue'

createApp(Rider).mount('#app')
